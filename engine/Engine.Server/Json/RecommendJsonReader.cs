using System.Buffers;
using System.Text.Json;
using Engine.Protos.V1;

namespace Engine.Server.Json;

/// <summary>
/// The usual body of Recommend, read straight into its message: ids as plain texts, whole numbers, each field once.
/// <see cref="JsonRequest"/> reads all other forms, and has the words for what is wrong.
/// </summary>
internal static class RecommendJsonReader
{
    /// <summary>The message, or null: <see cref="JsonRequest"/> must look at the body.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="mostElements">A body with as many bytes may have too many elements.</param>
    public static RecommendRequest? TryRead(in ReadOnlySequence<byte> body, int mostElements)
    {
        if (!body.IsSingleSegment || body.Length > mostElements)
        {
            return null;
        }

        var reader = new Utf8JsonReader(body.FirstSpan);
        try
        {
            var request = new RecommendRequest();
            return TryFill(ref reader, request) && !reader.Read() ? request : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or no UTF-8.
            return null;
        }
    }

    private static bool TryFill(ref Utf8JsonReader reader, RecommendRequest request)
    {
        var isUsual = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
        while (isUsual && reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            isUsual = TryField(ref reader, request);
        }

        return isUsual;
    }

    private static bool TryField(ref Utf8JsonReader reader, RecommendRequest request)
    {
        if (Is(ref reader, "user_id"u8, "userId"u8))
        {
            return request.UserId.Length == 0 && TryText(ref reader, out var id) && (request.UserId = id).Length > 0;
        }

        if (Is(ref reader, "top_k"u8, "topK"u8))
        {
            return request.TopK == 0 && TryWhole(ref reader, out var count) && (request.TopK = count) != 0;
        }

        if (Is(ref reader, "workspace"u8, "workspace"u8))
        {
            return request.Workspace.Length == 0 && TryText(ref reader, out var name)
                && (request.Workspace = name).Length > 0;
        }

        if (Is(ref reader, "recent"u8, "recent"u8))
        {
            return request.Recent.Count == 0 && TryRecent(ref reader, request);
        }

        return Is(ref reader, "exclude_product_ids"u8, "excludeProductIds"u8)
            && request.ExcludeProductIds.Count == 0 && TryExcluded(ref reader, request);
    }

    private static bool TryExcluded(ref Utf8JsonReader reader, RecommendRequest request)
    {
        reader.Read();
        var isUsual = reader.TokenType == JsonTokenType.StartArray;
        while (isUsual && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            isUsual = TryValue(ref reader, out var id);
            request.ExcludeProductIds.Add(id);
        }

        // An empty list could be given twice.
        return isUsual && request.ExcludeProductIds.Count > 0;
    }

    private static bool TryRecent(ref Utf8JsonReader reader, RecommendRequest request)
    {
        reader.Read();
        var isUsual = reader.TokenType == JsonTokenType.StartArray;
        while (isUsual && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // A product and nothing else, as a page sends what it shows.
            isUsual = reader.TokenType == JsonTokenType.StartObject && reader.Read()
                && Is(ref reader, "product_id"u8, "productId"u8) && TryText(ref reader, out var id)
                && Add(request, id) && reader.Read() && reader.TokenType == JsonTokenType.EndObject;
        }

        return isUsual && request.Recent.Count > 0;
    }

    private static bool Add(RecommendRequest request, string id)
    {
        request.Recent.Add(new RecentBehavior { ProductId = id });
        return true;
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> jsonName) =>
        reader.TokenType == JsonTokenType.PropertyName && !reader.ValueIsEscaped
            && (reader.ValueSpan.SequenceEqual(name) || reader.ValueSpan.SequenceEqual(jsonName));

    private static bool TryText(ref Utf8JsonReader reader, out string text)
    {
        text = "";
        return reader.Read() && TryValue(ref reader, out text);
    }

    private static bool TryValue(ref Utf8JsonReader reader, out string text)
    {
        var isPlain = reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped;
        text = isPlain ? reader.GetString()! : "";
        return isPlain;
    }

    private static bool TryWhole(ref Utf8JsonReader reader, out int value)
    {
        value = 0;
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out value);
    }
}
