using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Forgetting;
using Engine.Server.Workspaces;
using Grpc.Core;

namespace Engine.Server.Services;

/// <summary>Forgetting people, and who calls.</summary>
internal sealed class AdminService(WorkspaceRegistry workspaces) : Admin.AdminBase
{
    /// <inheritdoc/>
    public override Task<ForgetUserReply> ForgetUser(ForgetUserRequest request, ServerCallContext context)
    {
        var workspace = workspaces.Get(request.Workspace);
        Forgotten forgotten;
        var events = 0;
        try
        {
            forgotten = Erasure.Run(workspace.Catalog, request.UserId);
        }
        finally
        {
            events = workspace.RefreshForgotten();
        }

        return System.Threading.Tasks.Task.FromResult(new ForgetUserReply
        {
            UserHash = forgotten.Hash,
            AudienceCount = forgotten.Audiences,
            TaskAudienceCount = forgotten.TaskAudiences,
            ResultCount = forgotten.Results,
            RowCount = forgotten.Rows,
            EventCount = forgotten.Events + events,
        });
    }

    /// <inheritdoc/>
    public override Task<DescribeCallerReply> DescribeCaller(
        DescribeCallerRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context.GetHttpContext());
        return System.Threading.Tasks.Task.FromResult(new DescribeCallerReply
        {
            Name = caller?.Name ?? "",
            Scopes = { ScopeNames.Words(caller?.Scopes ?? Scopes.Any) },
        });
    }
}
