using Engine.Server.Errors;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>The messages of BatchRecommend: how large one may be, and rows packed into replies.</summary>
/// <param name="first">The first reply, with its header fields.</param>
internal sealed class BatchMessages(Proto.BatchRecommendReply first)
{
    private const int MaximumUsers = 100_000;

    // Users x top_k that are held at once: a part of a second of one core, so that other heavy calls get their turn.
    private const int SliceRows = 100_000;
    private const int MinimumSlice = 8;

    // The tag and the length of a row in its reply, and room for server_micros.
    private const int RowOverhead = 16;

    private static readonly Proto.BatchRecommendRequest NoOptions = new();

    private Proto.BatchRecommendReply _reply = first;
    private long _size = first.CalculateSize();

    /// <summary>Checks the size of one request.</summary>
    /// <exception cref="FieldException">It has too many users.</exception>
    public static void Check(Proto.BatchRecommendRequest request, int topK, int mostRows)
    {
        if (request.UserIds.Count > MaximumUsers)
        {
            throw new FieldException(
                "user_ids",
                $"found {request.UserIds.Count} user_ids in one message; expected at most {MaximumUsers}. "
                + "Send them in several messages");
        }

        if ((long)request.UserIds.Count * topK > mostRows)
        {
            throw new FieldException(
                "user_ids",
                $"found {request.UserIds.Count:N0} user_ids x top_k {topK:N0} = "
                + $"{(long)request.UserIds.Count * topK:N0} rows in one message; "
                + $"expected at most {mostRows:N0}. Send {Math.Max(1, mostRows / topK):N0} users in "
                + "a message, or lower top_k");
        }
    }

    /// <summary>
    /// Checks that a later message repeats the options of the first one, or has none: its own would be ignored.
    /// </summary>
    /// <exception cref="FieldException">It has another option.</exception>
    public static void CheckLater(Proto.BatchRecommendRequest first, Proto.BatchRecommendRequest later)
    {
        foreach (var field in Proto.BatchRecommendRequest.Descriptor.Fields.InDeclarationOrder())
        {
            var (value, options) = (field.Accessor.GetValue(later), field.Accessor);
            var isSet = field.HasPresence ? options.HasValue(later) : !Equals(value, options.GetValue(NoOptions));
            var isSame = (!field.HasPresence || options.HasValue(first)) && Equals(value, options.GetValue(first));
            if (isSet && !isSame && field.FieldNumber != Proto.BatchRecommendRequest.UserIdsFieldNumber)
            {
                throw new FieldException(
                    field.Name,
                    $"found another {field.Name} in a later message of the stream, expected it in the first one alone. "
                    + "Open a stream for each question");
            }
        }
    }

    /// <summary>The users of one request, as many at a time as are held at once.</summary>
    public static IEnumerable<string[]> Slices(Proto.BatchRecommendRequest request, int topK) =>
        request.UserIds.Chunk(Math.Max(MinimumSlice, SliceRows / Math.Max(1, topK)));

    /// <summary>Adds a row.</summary>
    /// <returns>The reply before it, when that is full; else null.</returns>
    public Proto.BatchRecommendReply? Add(Proto.BatchRow row, CallClock clock)
    {
        var bytes = row.CalculateSize() + RowOverhead;
        Proto.BatchRecommendReply? full = null;
        if (_reply.Rows.Count > 0 && _size + bytes > ReplyFields.MaximumBytes)
        {
            full = Last(clock);
            (_reply, _size) = (new Proto.BatchRecommendReply(), 0);
        }

        _reply.Rows.Add(row);
        _size += bytes;
        return full;
    }

    /// <summary>The reply that rows were added to.</summary>
    public Proto.BatchRecommendReply Last(CallClock clock)
    {
        _reply.ServerMicros = clock.Micros;
        return _reply;
    }
}
