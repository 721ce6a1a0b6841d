"""The Stalker/Ministra API of MAG boxes and native clients: pure renderers on the session core, and one dispatcher."""
