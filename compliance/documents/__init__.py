"""What is read and signed: versioned files, one a language, each known by its SHA-256. Pure: no Django."""

from .library import Document, Item, Question, current, load, pick, published, questions

__all__ = ["Document", "Item", "Question", "current", "load", "pick", "published", "questions"]
