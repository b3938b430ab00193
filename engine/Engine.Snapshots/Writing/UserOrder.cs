namespace Engine.Snapshots.Writing;

/// <summary>
/// Users in descending norm of their factors, as products are: a search for the users who want a product stops reading
/// where norms say that nobody can reach the K-th score (5M users, top 10,000: 69 % of the codes are read). Readers
/// take any order.
/// </summary>
public static class UserOrder
{
    /// <summary>The same content, users renumbered; equal norms keep their order.</summary>
    public static SnapshotContent ByNorm(SnapshotContent content)
    {
        var order = Order(content.UserFactors, content.Manifest.FactorCount);
        var profile = content.DerivesProfile
            ? null
            : Gather(new ProfileContent(content.Profile, content.ProfileHistory, content.ProfileOwn), order);
        return content with
        {
            UserIds = Array.ConvertAll(order, user => content.UserIds[user]),
            UserFactors = Gather(content.UserFactors, order),
            Profile = profile?.Weights ?? content.Profile,
            ProfileHistory = profile?.History ?? content.ProfileHistory,
            ProfileOwn = profile?.Own ?? content.ProfileOwn,
            History = Gather(content.History, order),
            OutOfScope = content.OutOfScope is { } outside ? Gather(outside, order) : null,
        };
    }

    /// <summary>The same for the users of a shard; their places stay.</summary>
    /// <param name="content">The users.</param>
    /// <param name="factors">ALS dimensions, the first of each factor row.</param>
    public static ShardContent ByNorm(ShardContent content, int factors)
    {
        var order = Order(content.UserFactors, factors);
        return content with
        {
            UserIds = Array.ConvertAll(order, user => content.UserIds[user]),
            UserFactors = Gather(content.UserFactors, order),
            Profile = content.Profile is { } profile ? Gather(profile, order) : null,
            History = Gather(content.History, order),
            OutOfScope = content.OutOfScope is { } outside ? Gather(outside, order) : null,
        };
    }

    private static ProfileContent Gather(ProfileContent profile, int[] order)
    {
        var (matrix, offsets) = (profile.Weights, profile.Weights.Offsets);
        return new ProfileContent(
            new SparseContent(
                Offsets(offsets, order),
                Gather(matrix.Indices, offsets, order),
                Gather(matrix.Values, offsets, order)),
            Gather(profile.History, offsets, order),
            Gather(profile.Own, offsets, order));
    }

    private static HistoryContent Gather(HistoryContent history, int[] order) => new(
        Offsets(history.Offsets, order),
        Gather(history.Products, history.Offsets, order),
        Gather(history.Days, history.Offsets, order),
        Gather(history.Types, history.Offsets, order),
        Gather(history.Counts, history.Offsets, order));

    private static OutOfScopeContent Gather(OutOfScopeContent outside, int[] order)
    {
        // Users that the snapshot does not score keep their places behind the others.
        int[] all = [.. order, .. Enumerable.Range(order.Length, outside.UserIds.Count)];
        return outside with
        {
            Offsets = Offsets(outside.Offsets, all),
            Products = Gather(outside.Products, outside.Offsets, all),
            Days = Gather(outside.Days, outside.Offsets, all),
            Types = Gather(outside.Types, outside.Offsets, all),
            Counts = Gather(outside.Counts, outside.Offsets, all),
        };
    }

    /// <summary>For each new ordinal the old one.</summary>
    private static int[] Order(FactorContent users, int factors)
    {
        var norms = new double[users.Rows];
        var order = new int[users.Rows];
        for (var user = 0; user < users.Rows; user++)
        {
            norms[user] = FactorContent.SquaredNorm(users.Row(user)[..factors]);
            order[user] = user;
        }

        Array.Sort(order, (a, b) => norms[a] != norms[b] ? norms[b].CompareTo(norms[a]) : a.CompareTo(b));
        return order;
    }

    private static FactorContent Gather(FactorContent rows, int[] order)
    {
        var gathered = new FactorContent(rows.Rows, rows.Columns);
        for (var row = 0; row < order.Length; row++)
        {
            rows.Row(order[row]).CopyTo(gathered.Row(row));
        }

        return gathered;
    }

    private static long[] Offsets(long[] offsets, int[] order)
    {
        var gathered = new long[offsets.Length];
        for (var row = 0; row < order.Length; row++)
        {
            gathered[row + 1] = gathered[row] + offsets[order[row] + 1] - offsets[order[row]];
        }

        return gathered;
    }

    private static T[] Gather<T>(T[] values, long[] offsets, int[] order)
    {
        var gathered = new T[values.Length];
        var at = 0;
        foreach (var row in order)
        {
            var length = (int)(offsets[row + 1] - offsets[row]);
            values.AsSpan((int)offsets[row], length).CopyTo(gathered.AsSpan(at));
            at += length;
        }

        return gathered;
    }
}
