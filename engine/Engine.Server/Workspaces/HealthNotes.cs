namespace Engine.Server.Workspaces;

/// <summary>Who else has something to say about the health: workers and stores, a sentence for each problem.</summary>
internal sealed class HealthNotes
{
    private readonly List<Func<IEnumerable<string>>> _sources = [];

    /// <summary>What is wrong now.</summary>
    public IReadOnlyList<string> Problems => [.. _sources.SelectMany(source => source())];

    /// <summary>Asks another part whenever the health is asked for. Only while the server is put together.</summary>
    public void Add(Func<IEnumerable<string>> problems) => _sources.Add(problems);
}
