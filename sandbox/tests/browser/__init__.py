"""The product's pages and the stand-ins' screens in a real browser: Debian's Chromium, driven by Playwright."""
