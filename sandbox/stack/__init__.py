"""The local stack: the product's own template and binaries on an emulated AWS, beside two stand-ins."""
