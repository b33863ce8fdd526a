"""PDFs made on the spot by several programs out of documents whose text is known, and scores of what is read of them."""
