"""PDFs made on the spot by several programs, of documents with known text, and scores of what is read of them."""
