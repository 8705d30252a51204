"""Pages: their content, and how they become HTML or Markdown."""
