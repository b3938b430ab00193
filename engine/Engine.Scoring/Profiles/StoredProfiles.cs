using Engine.Kernels.Arithmetic;
using Engine.Snapshots;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Profiles;

/// <summary>
/// The profiles of a snapshot that holds behaviors in their place: made as training made them, on the same input, so
/// the bits are the same.
/// </summary>
internal static class StoredProfiles
{
    private const int UsersPerPiece = 4096;

    /// <summary>Builds profiles and transposes, where the file has none, on the threads of the caller.</summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Build(Snapshot snapshot, ProfileTables tables, CancellationToken cancellation)
    {
        if (!snapshot.Derived.HasProfiles)
        {
            Derive(snapshot, tables, snapshot.Derived.BeginProfiles(), cancellation);
            snapshot.Derived.EndProfiles();
        }

        snapshot.Derived.Transpose(cancellation);
    }

    private static void Derive(
        Snapshot snapshot, ProfileTables tables, ProfileMatrices profiles, CancellationToken cancellation)
    {
        var users = snapshot.Manifest.UserCount;

        // A worker's builder serves piece after piece.
        Parallel.For(
            0,
            (users + UsersPerPiece - 1) / UsersPerPiece,
            ThreadChoice.Of(-1, cancellation),
            () => new ProfileBuilder(tables),
            (piece, _, builder) =>
            {
                var end = Math.Min(users, (piece + 1) * UsersPerPiece);
                for (var user = piece * UsersPerPiece; user < end; user++)
                {
                    Write(snapshot, user, builder, profiles);
                }

                return builder;
            },
            _ => { });
    }

    private static void Write(Snapshot snapshot, int user, ProfileBuilder builder, ProfileMatrices profiles)
    {
        builder.Begin();
        builder.Add(snapshot.History.Row(user), snapshot.ScopeDays);
        builder.Finish(snapshot.ProductRepeat.AsSpan());
        var row = builder.Row;
        profiles.Write(user, row.Weights.Indices, row.Weights.Values, row.History.Values, row.Own.Values);
    }
}
