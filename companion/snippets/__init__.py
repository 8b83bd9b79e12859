"""The storefront's script: plain files of `storefront_snippets/`, put together and served with a store's settings."""
