"""One immutable build of a library on disk: manifest, reader, writer, build, promotion, history."""
