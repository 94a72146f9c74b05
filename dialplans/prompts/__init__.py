"""What the switch says: one text table per language, its audio as small 8 kHz files, and checks that both agree.

`<language>.toml` holds the words, `<language>/<id>.wav` the G.711 A-law audio, `<language>/manifest.json` which text
and voice each file was made from; `spoken` puts values together, by one grammar a language. No playing, no encoding and no site's
folder here: that is `switch.media.prompts`.
"""
