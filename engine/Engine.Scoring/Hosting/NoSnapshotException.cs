using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>There is nothing to answer from.</summary>
public sealed class NoSnapshotException()
    : InputException("no snapshot is served, expected a published one: train and publish, or see the log for why the present one was refused");
