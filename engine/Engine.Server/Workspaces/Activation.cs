namespace Engine.Server.Workspaces;

/// <summary>A change of the served snapshot.</summary>
/// <param name="Previous">The id that was served before, or null.</param>
/// <param name="Served">Completes when the new one is served; in a cluster the other nodes are waited for.</param>
internal readonly record struct Activation(string? Previous, Task Served);
