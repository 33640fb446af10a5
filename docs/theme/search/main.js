// Finds all words of the query in headings and texts, letter by letter: Chinese has no blanks between words.
(function () {
  "use strict";
  var LIMIT = 40, AROUND = 60;

  function score(entry, words) {
    var title = entry.title.toLowerCase(), text = entry.text.toLowerCase(), points = 0;
    for (var i = 0; i < words.length; i++) {
      var inTitle = title.indexOf(words[i]) >= 0, count = text.split(words[i]).length - 1;
      if (!inTitle && !count) return 0;
      points += (inTitle ? 20 : 0) + Math.min(count, 5);
    }
    return points;
  }

  function excerpt(entry, word) {
    var at = Math.max(entry.text.toLowerCase().indexOf(word), 0), from = Math.max(at - AROUND, 0);
    return (from ? "…" : "") + entry.text.slice(from, at + AROUND * 2).replace(/\s+/g, " ") + "…";
  }

  function pageOf(entry) {
    var page = entry.location.split("#")[0];
    for (var i = 0; i < search_index.length; i++) {
      if (search_index[i].location === page) return search_index[i].title;
    }
    return "";
  }

  function show(target, query) {
    var words = query.toLowerCase().split(/\s+/).filter(Boolean);
    target.textContent = words.length ? "" : "请输入要找的词。";
    if (!words.length) return;
    var found = search_index.map(function (entry) { return { entry: entry, points: score(entry, words) }; })
      .filter(function (one) { return one.points && (one.entry.title || one.entry.text); })
      .sort(function (a, b) { return b.points - a.points; });
    if (!found.length) target.textContent = target.getAttribute("data-no-results-text");
    found.slice(0, LIMIT).forEach(function (one) {
      var article = document.createElement("article"), heading = document.createElement("h3");
      var link = document.createElement("a"), text = document.createElement("p"), page = pageOf(one.entry);
      link.href = base_url.replace(/\/?$/, "/") + one.entry.location;
      link.textContent = page && page !== one.entry.title ? page + " · " + one.entry.title : one.entry.title;
      text.textContent = excerpt(one.entry, words[0]);
      heading.appendChild(link);
      article.appendChild(heading);
      article.appendChild(text);
      target.appendChild(article);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var target = document.getElementById("mkdocs-search-results");
    if (!target) return;
    var input = document.getElementById("mkdocs-search-query");
    input.value = new URLSearchParams(window.location.search).get("q") || "";
    input.addEventListener("input", function () { show(target, input.value); });
    show(target, input.value);
  });
})();
