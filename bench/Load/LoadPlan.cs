namespace Bench.Load;

/// <summary>What a load consists of. The key is not part of it: it is written to the result.</summary>
internal sealed record LoadPlan
{
    /// <summary>The server.</summary>
    public required Uri Target { get; init; }

    /// <summary>"grpc", "http", or <see cref="Client"/>.</summary>
    public string Protocol { get; init; } = "grpc";

    /// <summary>Calls a second; 0 is a closed loop.</summary>
    public double Rate { get; init; }

    /// <summary>Connections.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Calls at once on each connection of a closed loop.</summary>
    public int Streams { get; init; } = 16;

    /// <summary>Calls that may be open at once in an open loop.</summary>
    public int AtOnce { get; init; } = 10_000;

    /// <summary>The calls.</summary>
    public required CallMix Mix { get; init; }

    /// <summary>Products in a reply.</summary>
    public int Top { get; init; } = 10;

    /// <summary>A saved pool; empty means none.</summary>
    public string Pool { get; init; } = "";

    /// <summary>A rule over tags; empty means none.</summary>
    public string Rule { get; init; } = "";

    /// <summary>The workspace; empty means "default".</summary>
    public string Workspace { get; init; } = "";

    /// <summary>A file with one user id on each line; empty asks the server.</summary>
    public string Users { get; init; } = "";

    /// <summary>The seed of the order of calls, users and products.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Seconds before the measurement.</summary>
    public double WarmUp { get; init; } = 5;

    /// <summary>Measured seconds, all slices together.</summary>
    public double Duration { get; init; } = 30;

    /// <summary>How often each kind of slice is measured.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Snapshots that are activated in turn in slices of their own.</summary>
    public IReadOnlyList<string> Swap { get; init; } = [];

    /// <summary>Run a task beside the calls in slices of their own.</summary>
    public bool Task { get; init; }

    /// <summary>Events a second that are sent beside the calls in slices of their own; 0 for none.</summary>
    public double Events { get; init; }

    /// <summary>The time of the first event, later than the data of the snapshot.</summary>
    public DateTime EventsFrom { get; init; }

    /// <summary>The kinds of slices of each round, in their order.</summary>
    public IReadOnlyList<string> Kinds =>
        Protocol == Client ? [Calls] : Swap.Count > 0 || Task || Events > 0 ? [Empty, Calls, Beside] : [Empty, Calls];

    /// <summary>How long a slice is.</summary>
    public TimeSpan SliceLength => TimeSpan.FromSeconds(Duration / (Rounds * Kinds.Count));

    /// <summary>
    /// Through Engine.Client, calls alone: what happens beside them must not fall between their slices.
    /// </summary>
    public const string Client = "client";

    /// <summary>The empty call.</summary>
    public const string Empty = "empty";

    /// <summary>The mix of calls.</summary>
    public const string Calls = "mix";

    /// <summary>The mix while a swap or a task runs, or events come.</summary>
    public const string Beside = "mix beside";
}
