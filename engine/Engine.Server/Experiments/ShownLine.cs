namespace Engine.Server.Experiments;

/// <summary>What one reply of an experiment showed.</summary>
/// <param name="Time">UTC.</param>
/// <param name="Id">The recommendation id of the reply.</param>
/// <param name="Experiment">Its name.</param>
/// <param name="Version">The version of the experiment.</param>
/// <param name="Arm">The user's arm.</param>
/// <param name="Snapshot">The snapshot that answered.</param>
/// <param name="User">The user's id.</param>
/// <param name="Products">In the order of the places.</param>
internal sealed record ShownLine(
    DateTimeOffset Time,
    string Id,
    string Experiment,
    long Version,
    string Arm,
    string Snapshot,
    string User,
    IReadOnlyList<string> Products);
