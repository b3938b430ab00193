namespace Engine.Snapshots.Format;

/// <summary>
/// A file is not a servable snapshot. The message says what was found, what was expected and what to do.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="problem">What was found and what was expected.</param>
public sealed class SnapshotFormatException(string path, string problem)
    : InputException(
        $"snapshot {path} is refused: {problem}; publish it again from the trainer or copy it again from its source");
