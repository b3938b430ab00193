using Engine;
using Engine.Tables.Sql;

namespace Trainer.Data.Sources;

/// <summary>How a source is extracted.</summary>
internal sealed record ExtractOptions
{
    /// <summary>Connections that read at once, 1..16. The vendor of ADB advises against many.</summary>
    public int Streams { get; init; } = 4;

    /// <summary>Rows that a slice aims at, 1,000 or more; a single hour is never cut.</summary>
    public long SliceRows { get; init; } = 500_000;

    /// <summary>How often a query is tried when its connection breaks, 1..20.</summary>
    public int Attempts { get; init; } = Retry.DefaultAttempts;

    /// <summary>
    /// Whether the server adds up behaviors other than purchases and refunds by day (<see cref="Aggregation"/>).
    /// </summary>
    public bool Aggregate { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="InputException">A setting is outside its range.</exception>
    public void Validate()
    {
        if (Streams is < 1 or > 16)
        {
            throw new InputException($"--streams is {Streams}: 1 to 16 were expected.");
        }

        if (SliceRows < 1000)
        {
            throw new InputException($"--slice-rows is {SliceRows}: 1000 or more were expected.");
        }

        if (Attempts is < 1 or > 20)
        {
            throw new InputException($"--attempts is {Attempts}: 1 to 20 were expected.");
        }
    }
}
