"""OpenDocument sheets: .ods."""
