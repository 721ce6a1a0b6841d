"""The Chinese IPTV dialects: Huawei's platform (HWCTC, HWCU), ZTE's, and OAuth/JSON, with the guides of their skins.

A box logs in with its own portal's pages; codecs and renderers are pure, `dialects.Ctc` joins them to the core.
"""
