"""The commands of ``boneage``, one file each."""
