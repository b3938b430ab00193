using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Scoring;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// The strongest simple rule: each purchase on any day of the data counts 0.5^(age / half-life); ties, and all that a
/// user never purchased, go by what sold in the last 30 days.
/// </summary>
public sealed class DecayedRule
{
    private const int RecentDays = 30;
    private const int TopK = 20;
    private const int MostUsers = 2000;

    // A share of 0..1 for the tie is far below any difference of two sums.
    private const double Scale = 1000;

    private static readonly double[] HalfLives = [15, 30, 60, 120, 240];

    private readonly ScopedDataset _scoped;
    private readonly (ulong Pair, int Age)[] _purchases;
    private readonly int[] _recent;

    /// <summary>Collects the purchases of a scope's products on all days up to its end.</summary>
    /// <param name="scoped">The scope.</param>
    /// <param name="ranked">The users of the scope whose lists will be asked for.</param>
    public DecayedRule(ScopedDataset scoped, int[] ranked)
    {
        _scoped = scoped;
        _recent = new int[scoped.ProductCount];
        var users = new int[scoped.Dataset.UserIds.Length];
        Array.Fill(users, -1);
        foreach (var user in ranked)
        {
            users[scoped.UserSource[user]] = user;
        }

        var products = Numbering.Invert(scoped.ProductSource, scoped.Dataset.Products.Count);
        var last = BehaviorLog.Day(scoped.Scope.End);
        var found = new List<(ulong Pair, int Age)>();
        var log = scoped.Dataset.Behaviors;
        for (var i = 0L; i < log.Count; i++)
        {
            var behavior = log[i];
            if (behavior is not { Type: BehaviorType.Purchase, Count: > 0 } || behavior.Day > last
                || products[behavior.Product] < 0)
            {
                continue;
            }

            _recent[products[behavior.Product]] += last - behavior.Day < RecentDays ? 1 : 0;
            if (users[behavior.User] >= 0)
            {
                var pair = ((ulong)(uint)users[behavior.User] << 32) | (uint)products[behavior.Product];
                found.Add((pair, last - behavior.Day));
            }
        }

        found.Sort();
        _purchases = [.. found];
    }

    /// <summary>
    /// The half-life of the best mean nDCG@20 on the learning windows that end by the scope's end; 60 days without any.
    /// </summary>
    public static double ChooseHalfLife(ScopedDataset scoped, RunContext run)
    {
        var sums = new double[HalfLives.Length];
        var windows = 0;
        foreach (var (before, holdout) in TemporalSplits.Learning(scoped.Dataset, scoped.Scope.End, run))
        {
            windows++;
            var users = PairSampler.Evenly(holdout.Users, MostUsers);
            var rule = new DecayedRule(before, users);
            var nothing =
                new InteractionMatrix(before.UserCount, before.ProductCount, new long[before.UserCount + 1], [], []);
            for (var h = 0; h < HalfLives.Length; h++)
            {
                var lists = Ranking.Compute(rule.Scorer(HalfLives[h]), nothing, users, TopK, run);
                sums[h] += ListMetrics.Mean(ListMetrics.Of(lists, holdout.Truth, TopK)).Ndcg;
            }
        }

        return windows == 0 ? 60 : HalfLives[Array.IndexOf(sums, sums.Max())];
    }

    /// <summary>Makes one scorer for each thread.</summary>
    public Func<IItemScorer> Scorer(double halfLifeDays)
    {
        var decayed = Decayed(halfLifeDays);
        return () => new FrequencyScorer(decayed, _recent, fill: true);
    }

    // The logarithm keeps the order of sums that differ by many magnitudes; every sum of a purchase within ages of 64
    // half-lives is above 0.
    private InteractionMatrix Decayed(double halfLife)
    {
        var offsets = new long[_scoped.UserCount + 1];
        var (products, weights) = (new List<int>(), new List<float>());
        for (int start = 0, end; start < _purchases.Length; start = end)
        {
            var (pair, sum) = (_purchases[start].Pair, 0.0);
            for (end = start; end < _purchases.Length && _purchases[end].Pair == pair; end++)
            {
                sum += Math.Pow(0.5, _purchases[end].Age / halfLife);
            }

            offsets[(int)(pair >> 32) + 1]++;
            products.Add((int)(uint)pair);
            weights.Add((float)(Scale * Math.Max(1, 65 + Math.Log2(sum))));
        }

        for (var user = 0; user < _scoped.UserCount; user++)
        {
            offsets[user + 1] += offsets[user];
        }

        return new InteractionMatrix(_scoped.UserCount, _scoped.ProductCount, offsets, [.. products], [.. weights]);
    }
}
