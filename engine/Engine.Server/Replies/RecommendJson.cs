using System.Globalization;
using System.Text.Json;
using Engine.Protos.V1;
using Engine.Scoring.Ranking;
using Engine.Server.Contract;
using Google.Protobuf.Reflection;
using ScoredProduct = Engine.Scoring.Queries.ScoredProduct;

namespace Engine.Server.Replies;

/// <summary>
/// The JSON of <see cref="RecommendReply"/> from the mapped ids and names: the document that JSON transcoding writes
/// (proto3 form, defaults written, 64-bit numbers as text), without its objects and strings.
/// </summary>
internal static class RecommendJson
{
    /// <summary>Writes a reply.</summary>
    public static void Write(RecommendFacts facts, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("products"u8);
        var products = facts.Answer.Products;
        for (var i = 0; i < products.Length; i++)
        {
            Product(json, facts, i, products[i]);
        }

        json.WriteEndArray();
        Counts(json, facts);
        json.WriteEndObject();
    }

    private static void Product(Utf8JsonWriter json, in RecommendFacts facts, int place, ScoredProduct product)
    {
        var snapshot = facts.Snapshot;
        json.WriteStartObject();
        json.WriteString("productId"u8, snapshot.ProductIds.Utf8(product.Product.Value));
        json.WriteNumber("score"u8, product.Score);
        json.WriteNumber("rank"u8, place + 1);
        json.WriteString("productName"u8, snapshot.ProductNames.Utf8(product.Product.Value));
        json.WriteStartArray("contributions"u8);
        var explanations = facts.Answer.Explanations;
        var bound = 0.0;
        if (place < explanations.Count)
        {
            bound = explanations.Bound(place);
            foreach (var term in explanations.Terms(place))
            {
                json.WriteStartObject();
                json.WriteString("kind"u8, EnumName<Contribution.Types.Kind>.Of(ReplyFields.KindOf(term.Kind)));
                json.WriteString("productId"u8, term.Product is { } of ? snapshot.ProductIds.Utf8(of.Value) : default);
                json.WriteNumber("value"u8, term.Value);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        var (percentile, error) =
            facts.IsCalibrated ? CalibratedScores.Place(snapshot, product.Product, product.Score) : default;
        if (facts.IsCalibrated)
        {
            if (CalibratedScores.Probability(snapshot, product.Score) is { } probability)
            {
                json.WriteNumber("probability"u8, probability);
            }

            json.WriteNumber("percentile"u8, percentile);
        }

        json.WriteNumber("roundingBound"u8, bound);
        if (facts.IsCalibrated)
        {
            json.WriteNumber("percentileError"u8, error);
        }

        json.WriteEndObject();
    }

    private static void Counts(Utf8JsonWriter json, in RecommendFacts facts)
    {
        json.WriteString("snapshotId"u8, facts.Snapshot.SetId);
        json.WriteString("source"u8, EnumName<Source>.Of(ReplyFields.SourceOf(facts.Answer.Source)));
        Whole(json, "eligibleCount"u8, facts.Answer.EligibleCount);
        json.WriteStartArray("removed"u8);
        foreach (var (clause, removed) in facts.Clauses.All)
        {
            json.WriteStartObject();
            json.WriteString("clause"u8, clause);
            Whole(json, "removed"u8, removed);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Whole(json, "productCount"u8, facts.Snapshot.Manifest.ProductCount);
        json.WriteStartArray("skipped"u8);
        var kept = facts.Answer.Skipped.Kept;
        for (var i = 0; i < kept.Count; i++)
        {
            var skipped = kept[i];
            json.WriteStartObject();
            json.WriteString("id"u8, skipped.Id);
            json.WriteString("reason"u8, EnumName<SkipReason>.Of(ReplyFields.ReasonOf(skipped.Reason)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Whole(json, "skippedCount"u8, facts.Answer.Skipped.Count);
        Whole(json, "serverMicros"u8, facts.Clock.Micros);
        json.WriteStartArray("warnings"u8);
        if (facts.PoolWarning is { } pool)
        {
            json.WriteStringValue(pool);
        }

        if (facts.Warning is { } warning)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
        Whole(json, "userCount"u8, 0);
        Whole(json, "eventsVersion"u8, facts.Answer.EventsVersion);
        json.WriteNumber("eventCount"u8, facts.Answer.EventCount);
        json.WriteStartArray("missingBuckets"u8);
        json.WriteEndArray();
    }

    // proto3 JSON writes 64-bit whole numbers as text.
    private static void Whole(Utf8JsonWriter json, ReadOnlySpan<byte> name, long value)
    {
        Span<byte> text = stackalloc byte[20];
        value.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        json.WriteString(name, text[..length]);
    }

    // The names of the contract, which generated enums carry in an attribute.
    private static class EnumName<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<T, JsonEncodedText> Names = Enum.GetValues<T>().ToDictionary(
            value => value,
            value => JsonEncodedText.Encode(typeof(T).GetField(value.ToString())!
                .GetCustomAttributes(
                    typeof(OriginalNameAttribute), false).Cast<OriginalNameAttribute>().Single().Name));

        public static JsonEncodedText Of(T value) => Names[value];
    }
}
