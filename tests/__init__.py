"""The tests are a package of this name, so that no other package called ``tests`` can stand before them."""
