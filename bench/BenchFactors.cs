using Engine;
using Engine.Kernels.Arithmetic;
using Engine.Scoring.Models;
using Engine.Snapshots;

namespace Bench;

/// <summary>What a runner searches: the factors of two files, or those of a snapshot with its rates.</summary>
/// <param name="Items">In descending norm.</param>
/// <param name="Users">Rows of the same length.</param>
/// <param name="RateColumns">Trailing columns that are rates.</param>
/// <param name="Model">The opened snapshot, or null.</param>
internal sealed record BenchFactors(FactorRows Items, FactorRows Users, int RateColumns, ScoringModel? Model)
{
    /// <summary>Reads what the options name.</summary>
    /// <param name="values">The options.</param>
    /// <param name="replicateUsers">Whether copies are of the users; else of the items.</param>
    public static BenchFactors Read(BenchOptions.Values values, bool replicateUsers = false)
    {
        if (values.Snapshot is { } path)
        {
#pragma warning disable CA2000 // Mapped until the process ends: the rows are views of it.
            var model = new ScoringModel(Snapshot.OpenVerified(path));
#pragma warning restore CA2000
            return new(model.Products, model.Users, model.Snapshot.Manifest.RateDimensions.Length, model);
        }

        if (values.Items is null || values.Users is null)
        {
            throw new InputException("found neither --snapshot nor both --items and --users: give one of the two");
        }

        return new(
            BenchData.Read(values.Items, values.Factors, replicateUsers ? 1 : values.Replicate, byNorm: true),
            BenchData.Read(
                values.Users,
                values.Factors,
                replicateUsers ? values.Replicate : 1,
                replicateUsers && !values.FileOrder),
            0,
            null);
    }
}
