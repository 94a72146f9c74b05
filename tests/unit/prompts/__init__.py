"""Prompts: the words, their audio, and the codecs they are played through."""
