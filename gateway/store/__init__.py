"""The store remembers: one file per noun, SQLAlchemy Core on SQLite or PostgreSQL, the same promises on both."""
