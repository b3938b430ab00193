namespace Engine.Snapshots.Format;

/// <summary>
/// A file is not a servable snapshot. The message says what was found, what was expected and what to do.
/// </summary>
public sealed class SnapshotFormatException : InputException
{
    /// <summary>Refuses <paramref name="path"/> for the reason in <paramref name="problem"/>.</summary>
    public SnapshotFormatException(string path, string problem)
        : base(
            $"snapshot {path} is refused: {problem}; publish it again from the trainer or copy "
            + "it again from its source")
    {
        Problem = problem;
    }

    /// <summary>What was found and what was expected.</summary>
    public string Problem { get; }
}
