using System.Buffers;
using System.Text;
using Engine.Protos.V1;
using Engine.Scoring.Explaining;
using Engine.Scoring.Ranking;
using Engine.Server.Contract;
using Engine.Snapshots;
using ScoredProduct = Engine.Scoring.Queries.ScoredProduct;

namespace Engine.Server.Replies;

/// <summary>
/// The wire bytes of <see cref="RecommendReply"/> from the mapped ids and names: the bytes that the generated class
/// writes, without its objects and strings.
/// </summary>
internal static class RecommendWire
{
    /// <summary>Writes a reply.</summary>
    public static void Write(RecommendFacts facts, IBufferWriter<byte> target)
    {
        var products = facts.Answer.Products;
        for (var i = 0; i < products.Length; i++)
        {
            Write(facts, i, products[i], target);
        }

        Counts(facts, target);
        Skipped(facts, target);
        Rest(facts, target);
    }

    private static void Write(in RecommendFacts facts, int place, ScoredProduct product, IBufferWriter<byte> target)
    {
        var snapshot = facts.Snapshot;
        var explanations = facts.Answer.Explanations;
        var id = snapshot.ProductIds.Utf8(product.Product.Value);
        var name = snapshot.ProductNames.Utf8(product.Product.Value);
        double? probability = facts.IsCalibrated ? CalibratedScores.Probability(snapshot, product.Score) : null;
        var terms = place < explanations.Count ? explanations.Terms(place) : [];
        var bound = place < explanations.Count ? explanations.Bound(place) : 0;
        var (percentile, error) =
            facts.IsCalibrated ? CalibratedScores.Place(snapshot, product.Product, product.Score) : default;

        var size = WireSpan.TextField(id.Length) + WireSpan.FloatField(product.Score)
            + WireSpan.VarintField(place + 1) +
            WireSpan.TextField(name.Length) + (probability is null ? 0 : 1 + sizeof(double)) +
            (facts.IsCalibrated ? 2 * (1 + sizeof(float)) : 0) + WireSpan.DoubleField(bound);
        foreach (var term in terms)
        {
            size += WireSpan.MessageField(Size(snapshot, term));
        }

        var wire = new WireSpan(target.GetSpan(WireSpan.HeaderBytes + size));
        wire.Message(RecommendReply.ProductsFieldNumber, size);
        wire.Text(Engine.Protos.V1.ScoredProduct.ProductIdFieldNumber, id);
        wire.Float(Engine.Protos.V1.ScoredProduct.ScoreFieldNumber, product.Score);
        wire.Varint(Engine.Protos.V1.ScoredProduct.RankFieldNumber, place + 1);
        wire.Text(Engine.Protos.V1.ScoredProduct.ProductNameFieldNumber, name);
        foreach (var term in terms)
        {
            wire.Message(Engine.Protos.V1.ScoredProduct.ContributionsFieldNumber, Size(snapshot, term));
            wire.Varint(Contribution.KindFieldNumber, (int)ReplyFields.KindOf(term.Kind));
            wire.Text(Contribution.ProductIdFieldNumber, IdOf(snapshot, term));
            wire.Float(Contribution.ValueFieldNumber, term.Value);
        }

        if (probability is { } known)
        {
            wire.Double(Engine.Protos.V1.ScoredProduct.ProbabilityFieldNumber, known, isSet: true);
        }

        if (facts.IsCalibrated)
        {
            wire.Float(Engine.Protos.V1.ScoredProduct.PercentileFieldNumber, percentile, isSet: true);
        }

        wire.Double(Engine.Protos.V1.ScoredProduct.RoundingBoundFieldNumber, bound);
        if (facts.IsCalibrated)
        {
            wire.Float(Engine.Protos.V1.ScoredProduct.PercentileErrorFieldNumber, error, isSet: true);
        }

        target.Advance(wire.Position);
    }

    private static void Counts(in RecommendFacts facts, IBufferWriter<byte> target)
    {
        var wire = new WireSpan(target.GetSpan(1024));
        wire.Text(RecommendReply.SnapshotIdFieldNumber, facts.Snapshot.SetId);
        wire.Varint(RecommendReply.SourceFieldNumber, (int)ReplyFields.SourceOf(facts.Answer.Source));
        wire.Varint(RecommendReply.EligibleCountFieldNumber, facts.Answer.EligibleCount);
        foreach (var (clause, removed) in facts.Clauses.All)
        {
            wire.Message(
                RecommendReply.RemovedFieldNumber, WireSpan.TextField(clause.Length) + WireSpan.VarintField(removed));
            wire.Text(ClauseCount.ClauseFieldNumber, clause);
            wire.Varint(ClauseCount.RemovedFieldNumber, removed);
        }

        wire.Varint(RecommendReply.ProductCountFieldNumber, facts.Snapshot.Manifest.ProductCount);
        target.Advance(wire.Position);
    }

    private static void Skipped(in RecommendFacts facts, IBufferWriter<byte> target)
    {
        var kept = facts.Answer.Skipped.Kept;
        for (var i = 0; i < kept.Count; i++)
        {
            var skipped = kept[i];
            var reason = (int)ReplyFields.ReasonOf(skipped.Reason);
            var size = WireSpan.TextField(Encoding.UTF8.GetByteCount(skipped.Id)) + WireSpan.VarintField(reason);
            var wire = new WireSpan(target.GetSpan(WireSpan.HeaderBytes + size));
            wire.Message(RecommendReply.SkippedFieldNumber, size);
            wire.Text(Engine.Protos.V1.Skipped.IdFieldNumber, skipped.Id);
            wire.Varint(Engine.Protos.V1.Skipped.ReasonFieldNumber, reason);
            target.Advance(wire.Position);
        }
    }

    private static void Rest(in RecommendFacts facts, IBufferWriter<byte> target)
    {
        var (pool, warning) = (facts.PoolWarning, facts.Warning);
        var bytes = Encoding.UTF8.GetByteCount(pool ?? "") + Encoding.UTF8.GetByteCount(warning ?? "");
        var wire = new WireSpan(target.GetSpan(96 + bytes));
        wire.Varint(RecommendReply.SkippedCountFieldNumber, facts.Answer.Skipped.Count);
        wire.Varint(RecommendReply.ServerMicrosFieldNumber, facts.Clock.Micros);
        if (pool is not null)
        {
            wire.Element(RecommendReply.WarningsFieldNumber, pool);
        }

        if (warning is not null)
        {
            wire.Element(RecommendReply.WarningsFieldNumber, warning);
        }

        wire.Varint(RecommendReply.EventsVersionFieldNumber, facts.Answer.EventsVersion);
        wire.Varint(RecommendReply.EventCountFieldNumber, facts.Answer.EventCount);

        target.Advance(wire.Position);
    }

    private static int Size(Snapshot snapshot, ScoreTerm term) =>
        WireSpan.VarintField((int)ReplyFields.KindOf(term.Kind)) + WireSpan.TextField(IdOf(snapshot, term).Length) +
        WireSpan.FloatField(term.Value);

    private static ReadOnlySpan<byte> IdOf(Snapshot snapshot, ScoreTerm term) =>
        term.Product is { } product ? snapshot.ProductIds.Utf8(product.Value) : default;
}
