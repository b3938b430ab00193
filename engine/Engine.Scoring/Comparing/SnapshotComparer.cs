using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Comparing;

/// <summary>Compares what two snapshots recommend to the users that both know.</summary>
public static class SnapshotComparer
{
    /// <summary>Products of the short list.</summary>
    internal const int Short = 10;

    private const int Long = 50;
    private const double Popular = 0.01;

    /// <summary>Compares. Memory: 200 bytes for each compared user.</summary>
    /// <param name="before">The served model; it must stay leased.</param>
    /// <param name="after">The one that may follow.</param>
    /// <param name="options">How.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="InputException">There is no such category tag.</exception>
    public static SnapshotDiff Compare(
        ScoringModel before, ScoringModel after, ComparisonOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentNullException.ThrowIfNull(options);
        var (old, current) = (before.Snapshot, after.Snapshot);
        var shared = Shared(old, current);
        var compared = Sample(shared, options.Users);
        var gone = Enumerable.Range(0, old.ProductIds.Count)
            .Where(product => current.ProductIds.Find(old.ProductIds.Utf8(product)) < 0).ToArray();

        // Products by the ordinal that the first snapshot gives them; those that are new have places behind.
        var names = Enumerable.Range(0, current.ProductIds.Count)
            .Select(
                product => old.ProductIds.Find(current.ProductIds.Utf8(product)) is var known and >= 0
                    ? known
                    : old.ProductIds.Count + product)
                .ToArray();
        var lists = new int[compared.Length * Long];
        var counts = new int[compared.Length];
        var places = compared.Index().ToDictionary(user => user.Item.After.Value, user => user.Index);
        var first = Run(before, [.. compared.Select(user => user.Before)], options.Threads, (_, place, rows, _) =>
        {
            counts[place] = rows.Length;
            for (var i = 0; i < rows.Length; i++)
            {
                lists[(place * Long) + i] = rows[i].Product.Value;
            }
        }, cancel);
        var second =
            Run(after, [
                .. compared.Select(user => user.After).OrderBy(user => user.Value),
            ], options.Threads, (user, _, rows, figures) =>
            {
                var place = places[user.Value];
                Span<int> now = stackalloc int[Long];
                for (var i = 0; i < rows.Length; i++)
                {
                    now[i] = names[rows[i].Product.Value];
                }

                figures.Lists.Add(lists.AsSpan(place * Long, counts[place]), now[..rows.Length]);
            }, cancel);

        var (category, categoryOf) = Category(old, current, options.Category);
        var moves = Moves(old, current, first, second, names);
        var sums = second.Lists;
        return new SnapshotDiff
        {
            Before = old.Id,
            After = current.Id,
            ComparedUsers = compared.Length,
            SharedUsers = shared.Count,
            UsersGone = old.UserIds.Count - shared.Count,
            UsersAdded = current.UserIds.Count - shared.Count,
            ProductsBefore = old.ProductIds.Count,
            ProductsGone = gone.Length,
            ProductsAdded = current.ProductIds.Count - (old.ProductIds.Count - gone.Length),
            GoneIds = [.. gone.OrderByDescending(product => old.ProductBuyers[product]).Take(options.Moves)
                .Select(old.ProductIds.Get)],
            OverlapAt10 = sums.At10 / Math.Max(1, sums.Users),
            OverlapAt50 = sums.At50 / Math.Max(1, sums.Users),
            RankCorrelation = sums.Correlated == 0 ? double.NaN : sums.Correlation / sums.Correlated,
            ChangedWholly = (double)sums.Wholly / Math.Max(1, sums.Users),
            ExposureMoved = moves.Sum(move => Math.Abs(move.After - move.Before)) / 2,
            Products = Largest(moves, options.Moves),
            Categories = category is null ? [] : Largest(moves
                .GroupBy(move => categoryOf(move.Name), StringComparer.Ordinal)
                .Select(
                    group =>
                        new ExposureMove(
                            group.Key, group.Sum(move => move.Before), group.Sum(move => move.After))), options.Moves),
            Audiences = [.. options.Audiences.Select(audience => Turnover(old, current, audience.Name, audience.Ids))],
            Coverage = new Change(Coverage(old, first), Coverage(current, second)),
            PopularityShare = new Change(PopularityShare(old, first), PopularityShare(current, second)),
            Score = new Change(first.Score, second.Score),
            Probability = new Change(first.Probability, second.Probability),
            Ndcg = new Change(Ranking(old)?.Ndcg ?? double.NaN, Ranking(current)?.Ndcg ?? double.NaN),
            Recall = new Change(Ranking(old)?.Recall ?? double.NaN, Ranking(current)?.Recall ?? double.NaN),
        };
    }

    private static List<(UserOrdinal Before, UserOrdinal After)> Shared(Snapshot old, Snapshot current)
    {
        var shared = new List<(UserOrdinal, UserOrdinal)>();
        for (var user = 0; user < old.UserIds.Count; user++)
        {
            if (!old.HiddenUsers.Contains(user) && current.UserIds.Find(old.UserIds.Utf8(user)) is var found and >= 0)
            {
                shared.Add((new UserOrdinal(user), new UserOrdinal(found)));
            }
        }

        return shared;
    }

    // Evenly spread over the order of the snapshot, which is that of the users' norms.
    private static (UserOrdinal Before, UserOrdinal After)[] Sample(
        List<(UserOrdinal Before, UserOrdinal After)> shared, int users) =>
        shared.Count <= users
            ? [.. shared]
            : [.. Enumerable.Range(0, users).Select(place => shared[(int)((long)place * shared.Count / users)])];

    private static Exposure Run(
        ScoringModel model,
        UserOrdinal[] users,
        int threads,
        Action<UserOrdinal, int, ReadOnlySpan<ScoredProduct>, Exposure> visit,
        CancellationToken cancel)
    {
        var plan =
            new BatchPlan(
                model,
                AudienceMembers.Of(model.Snapshot, Array.Empty<string>(), cancel),
                new RecommendQuery { TopK = Long }).For(
                users);
        var batch = new BatchRecommender(plan);
        var total = new Exposure(model.Snapshot);
        Parallel.For(
            0,
            batch.Parts,
            new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel },
            () => (Worker: batch.NewWorker(), Figures: new Exposure(model.Snapshot)),
            (part, _, state) =>
            {
                var place = part * batch.PartUsers;
                state.Worker.Run(
                    part,
                    rows =>
                    {
                        for (var i = 0; i < rows.Users.Length; i++, place++)
                        {
                            state.Figures.Add(rows.Of(i));
                            visit(rows.Users[i], place, rows.Of(i), state.Figures);
                        }
                    },
                    cancel);
                return state;
            },
            state =>
            {
                lock (total)
                {
                    total.Add(state.Figures);
                }
            });
        return total;
    }

    private static List<ExposureMove> Moves(
        Snapshot old, Snapshot current, Exposure first, Exposure second, int[] names)
    {
        var after = new double[old.ProductIds.Count];
        var moves = new List<ExposureMove>();
        for (var product = 0; product < names.Length; product++)
        {
            if (names[product] < after.Length)
            {
                after[names[product]] = second.ShareOf(product);
            }
            else if (second.ShareOf(product) > 0)
            {
                moves.Add(new ExposureMove(current.ProductIds.Get(product), 0, second.ShareOf(product)));
            }
        }

        for (var product = 0; product < after.Length; product++)
        {
            if (first.ShareOf(product) > 0 || after[product] > 0)
            {
                moves.Add(new ExposureMove(old.ProductIds.Get(product), first.ShareOf(product), after[product]));
            }
        }

        return moves;
    }

    private static ExposureMove[] Largest(IEnumerable<ExposureMove> moves, int count) =>
        [.. moves.OrderByDescending(move => Math.Abs(move.After - move.Before))
            .ThenBy(move => move.Name, StringComparer.Ordinal)
            .Take(count)];

    private static (string? Tag, Func<string, string> Of) Category(Snapshot old, Snapshot current, string? name)
    {
        var column =
            current.Tags.FirstOrDefault(tag => tag.Column.Type == TagValueType.Text
                && (name is null || tag.Column.Column == name || tag.Column.Alias == name))?.Column.Column;
        if (column is null && name is not null)
        {
            var known = current.Tags.Where(tag => tag.Column.Type == TagValueType.Text).Select(tag => tag.Column.Alias);
            throw new InputException(
                $"found no text tag '{name}' in snapshot {current.Id}; text tags: {string.Join(", ", known)}");
        }

        return (column, product => ValueOf(current, column!, product) ?? ValueOf(old, column!, product) ?? "(none)");
    }

    private static string? ValueOf(Snapshot snapshot, string column, string product) =>
        snapshot.ProductIds.Find(product) is var ordinal and >= 0
        && snapshot.Tags.FirstOrDefault(
            tag => tag.Column.Column == column && tag.Column.Type == TagValueType.Text) is { } tag
            && tag.Codes[ordinal] is var code and >= 0
            ? tag.Words.Get(code)
            : null;

    private static AudienceTurnover Turnover(Snapshot old, Snapshot current, string name, IEnumerable<string> ids)
    {
        var (users, before, after, left, joined) = (0L, 0L, 0L, 0L, 0L);
        foreach (var id in ids)
        {
            var (was, stays) = (old.UserIds.Find(id) >= 0, current.UserIds.Find(id) >= 0);
            users++;
            before += was ? 1 : 0;
            after += stays ? 1 : 0;
            left += was && !stays ? 1 : 0;
            joined += !was && stays ? 1 : 0;
        }

        return new AudienceTurnover(name, users, before, after, left, joined);
    }

    private static double Coverage(Snapshot snapshot, Exposure exposure) =>
        Enumerable.Range(0, snapshot.ProductIds.Count).Count(product => exposure.ShareOf(product) > 0)
            / (double)Math.Max(1, snapshot.ProductIds.Count);

    private static double PopularityShare(Snapshot snapshot, Exposure exposure) =>
        Enumerable.Range(0, snapshot.ProductIds.Count)
            .OrderByDescending(product => snapshot.ProductBuyers[product])
            .ThenBy(product => product)
            .Take((int)Math.Ceiling(Popular * snapshot.ProductIds.Count)).Sum(exposure.ShareOf);

    // The first ranking of all users is that of the served score.
    private static RankingRow? Ranking(
        Snapshot snapshot) => snapshot.Report.Rankings.FirstOrDefault(row => row.K == Short && row.Segment == "all");
}
