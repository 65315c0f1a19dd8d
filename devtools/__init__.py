"""Developer tools: embedded servers, the demo and its people, replay of scenarios, the bench."""
