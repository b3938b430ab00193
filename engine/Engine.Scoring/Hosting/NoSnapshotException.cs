namespace Engine.Scoring.Hosting;

/// <summary>No snapshot is served.</summary>
public sealed class NoSnapshotException()
    : InputException(
        "no snapshot is served; train and publish one, or see the log for why the published one was rejected");
