"""Spreadsheets (XLS, XLSX, XLSB, ODS, and HTML tables named so) as tables of text."""
