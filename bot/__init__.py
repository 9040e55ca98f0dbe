"""Touches the world: channels, pages, commands, timers. Reads, asks the engine, saves, sends."""
