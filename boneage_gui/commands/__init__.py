"""The commands that ``boneage`` has because there is a clinic, one file each. None of them knows Qt."""
