"""`local`: where keys lie on this machine; the standing key is written where a superseded one lay."""
