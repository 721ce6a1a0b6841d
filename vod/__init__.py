"""Video on demand: assets, playlists, packaging by ffmpeg."""
