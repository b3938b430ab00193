namespace Engine.Client.Balancing;

/// <summary>
/// The engines that the attempts of one call have gone to, so that the next attempt goes to another one. gRPC tells the
/// picker of an attempt nothing but its headers; this travels with the flow of the call, through retries and hedges.
/// </summary>
internal sealed class AskedEngines
{
    private static readonly AsyncLocal<AskedEngines?> Flow = new();
    private readonly Lock _lock = new();
    private readonly List<EngineNode> _asked = [];

    /// <summary>Those of the call that is being made; new ones outside of any.</summary>
    public static AskedEngines OfCall => Flow.Value ?? new AskedEngines();

    /// <summary>Starts attempts of the call.</summary>
    public T Around<T>(Func<T> start)
    {
        var before = Flow.Value;
        Flow.Value = this;
        try
        {
            return start();
        }
        finally
        {
            Flow.Value = before;
        }
    }

    /// <summary>How many attempts have gone to an engine.</summary>
    public int Times(EngineNode node)
    {
        lock (_lock)
        {
            return _asked.Count(asked => asked == node);
        }
    }

    /// <summary>One more attempt goes to an engine.</summary>
    public void Add(EngineNode node)
    {
        lock (_lock)
        {
            _asked.Add(node);
        }
    }
}
