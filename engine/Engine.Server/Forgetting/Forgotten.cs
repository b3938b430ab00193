namespace Engine.Server.Forgetting;

/// <summary>What forgetting a person changed. Counts only: no ids.</summary>
/// <param name="Hash">The person in the list of forgotten people and in the audit log.</param>
/// <param name="Audiences">Saved audiences that held the person.</param>
/// <param name="TaskAudiences">Frozen audiences of tasks that did.</param>
/// <param name="Results">Stored results that did.</param>
/// <param name="Rows">Rows taken out of them.</param>
/// <param name="Events">Events since the training; a running engine erases those of its workspaces itself.</param>
internal sealed record Forgotten(
    string Hash, int Audiences, int TaskAudiences, int Results, long Rows, int Events);
