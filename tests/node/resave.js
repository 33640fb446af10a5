// Opens a workbook and saves it: node resave.js exceljs|sheetjs IN OUT [FORMAT]
const [library, from, to, format] = process.argv.slice(2);

async function main() {
  if (library === "exceljs") {
    const book = new (require("exceljs").Workbook)();
    await book.xlsx.readFile(from);
    await book.xlsx.writeFile(to);
  } else {
    const sheets = require("xlsx");
    const book = sheets.readFile(from, { cellFormula: true, cellStyles: true, cellNF: true, bookVBA: true });
    sheets.writeFile(book, to, { bookType: format || "xlsx", bookSST: true, cellStyles: true });
  }
}

main();
