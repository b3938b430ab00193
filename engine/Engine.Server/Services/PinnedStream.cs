using Engine.Scoring.Hosting;
using Engine.Server.Errors;

namespace Engine.Server.Services;

/// <summary>
/// Waits of a stream for its client, which may never come: when the stream's snapshot was replaced and too many
/// replaced ones are in use, the wait ends, so that a slow client keeps no snapshot in memory.
/// </summary>
internal static class PinnedStream
{
    /// <summary>Waits for a message to be read or written.</summary>
    /// <exception cref="NotServingException">The stream must end.</exception>
    public static async Task Until(Task wait, ModelPin pin)
    {
        var replaced = pin.Replaced;
        if (replaced.IsCompleted || (!wait.IsCompleted && await Task.WhenAny(wait, replaced) != wait))
        {
            throw new NotServingException("the snapshot was replaced while the stream was open; ask again");
        }

        await wait;
    }

    /// <summary>The same with a result.</summary>
    /// <exception cref="NotServingException">The stream must end.</exception>
    public static async Task<T> Until<T>(Task<T> wait, ModelPin pin)
    {
        await Until((Task)wait, pin);
        return await wait;
    }
}
