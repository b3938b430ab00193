using System.Runtime.CompilerServices;
using Engine.Snapshots;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>What is in a snapshot, in the terms of the contract: for List, Describe and the inspect verb.</summary>
internal static class SnapshotDescription
{
    // Its strongest pairs are looked for in all rows of the similarity. A report lives as long as its snapshot is open.
    private static readonly ConditionalWeakTable<Snapshot, string> Reports = [];

    /// <summary>Scope and sizes.</summary>
    public static Proto.SnapshotInfo Info(Snapshot snapshot, bool active)
    {
        var scope = snapshot.Manifest.Scope;
        return new Proto.SnapshotInfo
        {
            SnapshotId = snapshot.Id,
            Active = active,
            FileSize = snapshot.FileLength,
            UserCount = snapshot.Manifest.UserCount,
            ProductCount = snapshot.Manifest.ProductCount,
            HorizonDays = scope.HorizonDays,
            ScopeStart = scope.ScopeStart,
            LastBehaviorTime = scope.LastBehaviorTime,
            WindowStart = scope.WindowStart.ToString("yyyy-MM-dd"),
            WindowEnd = scope.WindowEnd.ToString("yyyy-MM-dd"),
            SetId = snapshot.Shard?.SetId ?? "",
            Buckets = snapshot.Shard is { } shard
                ? new Proto.BucketRange { First = shard.FirstBucket, Last = shard.LastBucket }
                : null,
        };
    }

    /// <summary>Scope, sizes, sections and the training report, as `trainer report --json` writes it.</summary>
    public static Proto.DescribeSnapshotReply Describe(Snapshot snapshot, bool active)
    {
        var reply = new Proto.DescribeSnapshotReply
        {
            Info = Info(snapshot, active),
            ReportJson = Reports.GetValue(snapshot, ReportJson.Of),
        };
        reply.Tags.AddRange(snapshot.Manifest.Tags.Select(tag => new Proto.TagInfo
        {
            Column = tag.Column,
            Alias = tag.Alias,
            // The numbers are the same.
            Type = (Proto.TagType)tag.Type,
        }));
        foreach (var section in snapshot.Sections)
        {
            reply.Sections.Add(new Proto.SectionInfo
            {
                Kind = section.Index == 0 ? section.Kind.ToString() : $"{section.Kind}[{section.Index}]",
                ElementType = section.ElementType.ToString(),
                Rows = section.Rows,
                Columns = section.Columns,
                Length = section.Length,
            });
        }

        return reply;
    }
}
