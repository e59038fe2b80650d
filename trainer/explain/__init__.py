"""Why the model said what it said: heat over the radiograph, a number without a region, the cases most alike."""
