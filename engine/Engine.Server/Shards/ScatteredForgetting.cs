using Engine.Protos.V1;

namespace Engine.Server.Shards;

/// <summary>
/// ForgetUser over shards: every owner of every bucket forgets the person. Any of them may have the person in what it
/// stores: results of tasks, the log of what was shown.
/// </summary>
internal static class ScatteredForgetting
{
    /// <summary>Asks all owners.</summary>
    /// <param name="shards">The shards.</param>
    /// <param name="request">The request.</param>
    /// <param name="here">What this engine has done, or why it has not done all of it.</param>
    /// <exception cref="Engine.Snapshots.MissingBucketsException">An owner does not answer.</exception>
    /// <exception cref="Grpc.Core.RpcException">An owner may still hold the id, or refuses the call.</exception>
    public static async Task<ForgetUserReply> Forget(
        ShardSet shards, ForgetUserRequest request, Task<ForgetUserReply> here)
    {
        var asked = await shards.AskOwners((owner, options) =>
            new Admin.AdminClient(owner).ForgetUserAsync(request, options).ResponseAsync);
        var own = await here;
        ForgetUserReply[] all = [own, .. asked.SelectMany(owners => owners)];
        return new ForgetUserReply
        {
            UserHash = own.UserHash,

            // The owners of a bucket have the same audiences and events.
            AudienceCount = all.Max(one => one.AudienceCount),
            EventCount = all.Max(one => one.EventCount),
            TaskAudienceCount = all.Sum(one => one.TaskAudienceCount),
            ResultCount = all.Sum(one => one.ResultCount),
            RowCount = all.Sum(one => one.RowCount),
        };
    }
}
