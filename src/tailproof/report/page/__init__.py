"""Pages: what stands on them, and how they become HTML or Markdown."""
