// The theme's own answer: companion.push(["consent", true]), and false when it is withdrawn.
